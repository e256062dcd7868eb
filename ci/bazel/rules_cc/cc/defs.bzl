# SPDX-License-Identifier: Apache-2.0
"""Stands in for rules_cc where there is no network to fetch it.

Bazel 4 still carries the C++ rules inside itself, so forwarding is all it takes.
"""

cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_shared_library = None
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
objc_import = native.objc_import
objc_library = native.objc_library
