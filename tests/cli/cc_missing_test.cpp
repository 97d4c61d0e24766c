// SPDX-License-Identifier: MIT
// What `vmsim cc` says of headers and names that it does not have, and --supported, which lists
// those that it has.
#include "cli/cc_fixture.hpp"

namespace vmsim {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

using CcMissing = CcTest;

TEST_F(CcMissing, AllHeadersAreListedWithTheNearest) {
  write("own.h", "#include <linux/mmm.h>\n");
  write("drv.c",
        "#include <linux/module.h>\n#include \"own.h\"\n#include <linux/no_such_thing.h>\n"
        "#ifdef NEVER\n#include <linux/never.h>\n#endif\n#include "
        "\"drv_regs.h\"\nMODULE_LICENSE(\"GPL\");\n");
  const Output output = vmsim("cc drv.c");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err,
              ContainsRegex("header +<linux/mmm.h> +[^\n]*own.h:1 +nearest: <linux/mm.h>"));
  EXPECT_THAT(output.err, ContainsRegex("header +<linux/no_such_thing.h> +drv.c:3 +nearest: <"));
  EXPECT_THAT(output.err,
              ContainsRegex("header +\"drv_regs.h\" +drv.c:7 +the driver's own\\? .*-I"));
  EXPECT_THAT(output.err, Not(HasSubstr("never.h")));
  EXPECT_THAT(output.err, HasSubstr("drv.vko is not made: 3 headers are missing"));
}

TEST_F(CcMissing, NamesAreListedTogetherWithHeaders) {
  write("drv.c",
        "#include <linux/module.h>\n#include <asm/semaphor.h>\n"
        "int f(void) { return kmaloc(3); }\nMODULE_LICENSE(\"GPL\");\n");
  const Output output = vmsim("cc drv.c");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("<asm/semaphor.h>"));
  EXPECT_THAT(output.err, ContainsRegex("function +kmaloc +drv.c:3"));
  EXPECT_THAT(output.err, HasSubstr("1 header and 1 name are missing"));
}

TEST_F(CcMissing, AllNamesAreListedWithWhatReplacedThem) {
  write("drv.c",
        "#include <linux/module.h>\n#include <linux/mm.h>\n#include <linux/slab.h>\n"
        "int given_by_nobody(int);\n"
        "int f(struct vm_area_struct *vma)\n{\n"
        "\tremap_page_range(vma, 0, 0, 0, vma->vm_page_prot);\n"
        "\tkmallok(1, GFP_KERNEL);\n"
        "\treturn given_by_nobody(1);\n}\nMODULE_LICENSE(\"GPL\");\n");
  write(
      "two.c",
      "#include <linux/module.h>\nint also_nobody(void);\nint g(void) { return also_nobody(); }\n");
  const Output output = vmsim("cc drv.c two.c");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("drv.c:7:"));  // the compiler's own words
  EXPECT_THAT(output.err,
              ContainsRegex(
                  "function +remap_page_range +drv.c:7 +exists until 2.6.11; use remap_pfn_range"));
  EXPECT_THAT(output.err, ContainsRegex("function +kmallok +drv.c:8 +nearest: kmalloc"));
  EXPECT_THAT(output.err, ContainsRegex("import +given_by_nobody +drv.c:4"));
  EXPECT_THAT(output.err, ContainsRegex("import +also_nobody +two.c:2"));
  EXPECT_THAT(output.err, HasSubstr("4 names are missing (--stubs links it"));
  EXPECT_FALSE(exists("drv.vko"));
}

TEST_F(CcMissing, NamesOfAnotherEraSayWhen) {
  write("drv.c",
        "#include <linux/module.h>\n#include <linux/mm.h>\n#include <linux/slab.h>\n"
        "int f(struct vm_area_struct *vma)\n{\n\treturn vm_insert_page(vma, 0, 0) + !kzalloc(1, "
        "GFP_KERNEL);\n}\n"
        "MODULE_LICENSE(\"GPL\");\n");
  const Output old = vmsim("cc --kernel 2.6.10 drv.c");
  EXPECT_EQ(old.status, 1);
  EXPECT_THAT(old.err, ContainsRegex("function +vm_insert_page +drv.c:6 +exists from 2.6.15 on"));
  EXPECT_THAT(old.err, ContainsRegex("function +kzalloc +drv.c:6 +exists from 2.6.14 on"));
  EXPECT_EQ(vmsim("cc --kernel 2.6.15 drv.c").status, 0);
}

TEST_F(CcMissing, ConstantsAndTypesAreNamesToo) {
  write("drv.c",
        module_source("#include <linux/mm.h>\nno_such_t *p;\n", "return VM_NO_SUCH_FLAG;"));
  const Output output = vmsim("cc drv.c");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, ContainsRegex("name +VM_NO_SUCH_FLAG +drv.c:5"));
  EXPECT_THAT(output.err, ContainsRegex("type +no_such_t +drv.c:3"));
  EXPECT_THAT(output.err, Not(HasSubstr("--stubs"))) << "stubs are for functions";
}

TEST_F(CcMissing, AFunctionWithoutItsHeaderNamesTheHeader) {
  write("drv.c",
        "#include <linux/module.h>\nint f(void) { misc_register(0); return 0; "
        "}\nMODULE_LICENSE(\"GPL\");\n");
  const Output output = vmsim("cc drv.c");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("declared in <linux/miscdevice.h>; is it included?"));
}

TEST_F(CcMissing, SupportedListsNamesOfOneKernel) {
  Output output = vmsim("cc --supported remap_pfn_range");
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, ContainsRegex("\nremap_pfn_range +exact +linux/mm.h\n"));
  output = vmsim("cc --supported 'remap_page_*' --kernel 2.6.10");
  EXPECT_THAT(output.out, ContainsRegex("^remap_page_range +exact +linux/mm.h\n$"));
  output = vmsim("cc --supported remap_page_range");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("kernel 6.12 has no name like 'remap_page_range'"));
  output = vmsim("cc --supported");
  EXPECT_EQ(output.status, 0);
  for (const char* const name : {"\nkmalloc ", "\nvm_insert_page ", "\nmisc_register "})
    EXPECT_THAT(output.out, HasSubstr(name));
  EXPECT_EQ(vmsim("cc --supported --kernel 1.0").status, 1);
}

}  // namespace
}  // namespace vmsim
