// SPDX-License-Identifier: Apache-2.0
//
// Runs the KUnit suites that are linked in. Exits with 1 if a case failed.
#include "kernel/kunit_runner.h"

int main() { return restree::RunKunitSuites(0) ? 0 : 1; }
