# SPDX-License-Identifier: MIT
# Takes out of an example's output what may differ from one build or machine to another: host times, frame numbers (they
# depend on what the kernel allocated before), code offsets and inlining, and the kernel log's own account of memory.
s/ +[0-9.]+ ms$/ TIME ms/
s/(ratio:) +[0-9.]+$/\1 RATIO/
s/pfn[= ](0x)?[0-9a-f]+/pfn N/g
s/page frame 0x[0-9a-f]+/page frame N/g
s/logical address 0x[0-9a-f]+ \(physical 0x[0-9a-f]+/logical address N (physical N/
s/vmalloc address 0x[0-9a-f]+/vmalloc address N/
s/\(physical 0x[0-9a-f]+\)/(physical N)/
s/entry 0x[0-9a-f]+/entry N/g
s/table=0x[0-9a-f]+/table=N/g
s/\] at 0x[0-9a-f]+ = 0x[0-9a-f]+/] at N = N/
s/physical 0x[0-9a-f]+ \(frame 0x[0-9a-f]+/physical N (frame N/
s/0x[0-9a-f]{10} \|/N |/
s/\+0x[0-9a-f]+\/0x[0-9a-f]+/+N\/N/g
s/^( *[0-9a-z_]+) [0-9]+ ([0-9]+ [-a-z0-9_,]+ Live) 0x[0-9a-f]+/\1 N \2 N/
/Call Trace:/,/<\/TASK>/d
/^ *Node 0, zone/s/( +[0-9]+)+ *$/ N/
