// SPDX-License-Identifier: MIT
// All of the core's public interface: a machine, its programs, its devices, its recordings. Start
// with Machine::create().
#pragma once

#include "vmsim/addr.hpp"
#include "vmsim/config.hpp"
#include "vmsim/device.hpp"
#include "vmsim/error.hpp"
#include "vmsim/event.hpp"
#include "vmsim/machine.hpp"
#include "vmsim/platform.hpp"
#include "vmsim/process.hpp"
#include "vmsim/trace.hpp"
#include "vmsim/views.hpp"
