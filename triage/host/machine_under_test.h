// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_HOST_MACHINE_UNDER_TEST_H_
#define RESTREE_TRIAGE_HOST_MACHINE_UNDER_TEST_H_

#include <memory>
#include <string>

namespace restree {

// What an exported C++ test plays its ops on: the model, or the machine that
// the variable RESTREE_MACHINE names.
//
//   MachineUnderTest machine;
//   EXPECT_EQ(machine.Play("r0 = request iomem 0x1000-0x1fff mem"), "ok");
//   EXPECT_EQ(machine.State(), "00001000-00001fff : r0  [r0 mem]\n");
//
// Nothing of the model's is included here, so that many tests compile fast.
class MachineUnderTest {
 public:
  // Ends the process if there is no such machine.
  MachineUnderTest();
  MachineUnderTest(const MachineUnderTest&) = delete;
  MachineUnderTest& operator=(const MachineUnderTest&) = delete;
  ~MachineUnderTest();

  // Plays one op, a line of trace text, and returns ObservationDetails(). An op
  // that breaks a precondition is not played on a machine that does not judge,
  // and one that the machine does not know leaves what it leaves on the model.
  std::string Play(const std::string& op);

  // Returns StateText().
  std::string State() const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace restree

#endif  // RESTREE_TRIAGE_HOST_MACHINE_UNDER_TEST_H_
