// SPDX-License-Identifier: Apache-2.0
// Run-time choice of the instruction set for a few hot loops.
#pragma once

#include <cstddef>

/// Marks a function in an anonymous namespace to be compiled for several x86-64 levels; the loader
/// picks one. Nothing else in the build depends on the machine it runs on. Not for templates or
/// functions that others call by name (clang 14 exports its clones under another name): wrap it in
/// an ordinary function.
#if defined(ANAM_NO_DISPATCH) || !defined(__x86_64__) || !defined(__GLIBC__)
#define ANAM_CLONES
#elif defined(__clang__) || __GNUC__ < 12
#define ANAM_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define ANAM_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
