/* SPDX-License-Identifier: MIT */
#include "kernel/kernel.h"

struct syslet_counters syslet_counters;
