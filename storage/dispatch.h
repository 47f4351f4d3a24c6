// SPDX-License-Identifier: Apache-2.0
// Run-time choice of the instruction set for a few hot loops.
#pragma once

#include <cstddef>

/// Marks a function in an anonymous namespace to be compiled for several x86-64 levels; the loader
/// picks one, so that nothing else in the build depends on the machine. Not for templates, nor for
/// functions that other files call: clang 14 exports its clones under another name. Give it a name
/// that no other marked function of the library has: clang's resolvers are global.
#if defined(ANAM_NO_DISPATCH) || !defined(__x86_64__) || !defined(__GLIBC__)
#define ANAM_CLONES
#elif defined(__clang__) || __GNUC__ < 12
#define ANAM_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define ANAM_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
