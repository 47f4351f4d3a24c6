# SPDX-License-Identifier: Apache-2.0
"""End-to-end benchmarks: `bench/run`, `bench/report` and `bench/plots`."""
