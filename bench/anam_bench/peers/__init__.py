# SPDX-License-Identifier: Apache-2.0
"""Other systems with the same data, each in a process of its own (worker.py)."""
