# SPDX-License-Identifier: MIT
# The drivers of the examples; the kernel is 6.12 where none is given.
vmsim_add_driver(NAME three_buffer SOURCES three_handlers/three_buffer.c)
vmsim_add_driver(NAME three_remap SOURCES three_handlers/three_remap.c)
vmsim_add_driver(NAME three_fault SOURCES three_handlers/three_fault.c)
vmsim_add_driver(NAME three_insert SOURCES three_handlers/three_insert.c)

vmsim_add_driver(NAME pages26 SOURCES nopage_2_6/pages26.c KERNEL 2.6.10)
vmsim_add_driver(NAME ram26 SOURCES nopage_2_6/ram26.c KERNEL 2.6.10)

vmsim_add_driver(NAME meter SOURCES registers/meter.c)

vmsim_add_driver(NAME highpages SOURCES kmap_highmem/highpages.c)

vmsim_add_driver(NAME counter_6_12 SOURCES two_machines/counter.c KERNEL 6.12)
vmsim_add_driver(NAME counter_2_6_10 SOURCES two_machines/counter.c KERNEL 2.6.10)

foreach(wrong IN ITEMS null_in_fault remap_twice vmalloc_page no_entry forgotten)
  # A tail call would leave the driver's function out of the oops.
  vmsim_add_driver(NAME ${wrong} SOURCES mishaps/${wrong}.c OPTIONS -fno-optimize-sibling-calls)
endforeach()
vmsim_add_driver(NAME witness SOURCES mishaps/witness.c)

vmsim_add_driver(NAME screen SOURCES draw/screen.c)
