# SPDX-License-Identifier: MIT
# One line for each driver of the corpus; see CMakeLists.txt.
vmsim_corpus(status_page KERNELS 6.17 6.12 6.1 5.10 4.14 3.10 REAL 6.12 6.1)

# B: drivers of the old kernels, and sources that many kernels share.
vmsim_corpus(grabber KERNELS 2.4 2.4.20)
vmsim_corpus(vlog KERNELS 2.4 2.4.20)
vmsim_corpus(mailbox KERNELS 2.4.20 2.6.10 2.6.32 3.10)
vmsim_corpus(blockstore KERNELS 2.6.10)
vmsim_corpus(framebuf KERNELS 2.6.10)
vmsim_corpus(delayq KERNELS 2.6.10)
vmsim_corpus(aiostore KERNELS 2.6.10 2.6.32 3.10)
vmsim_corpus(semring KERNELS 2.6.32)
vmsim_corpus(vmawalk KERNELS 2.6.32 3.10 4.14 5.10)
vmsim_corpus(mixedmap KERNELS 2.6.32 3.10 4.14)
vmsim_corpus(twonodes KERNELS 3.10 4.14 5.10)
vmsim_corpus(insring KERNELS 2.6.32 3.10 4.14 5.10 6.1 6.12 REAL 6.12 6.1)
vmsim_corpus(gupfill KERNELS 2.6.10 2.6.32 3.10 4.14 5.10 6.1 6.12 REAL 6.12 6.1)
vmsim_corpus(pfnwin KERNELS 2.6.32 3.10 4.14 5.10 6.1 6.12 6.17 REAL 6.12 6.1)
vmsim_corpus(paged KERNELS 2.4.20 2.6.10 2.6.32 3.10 4.14 5.10 6.1 6.12 6.17 REAL 6.12 6.1)
vmsim_corpus(userbytes KERNELS 2.4.20 2.6.10 2.6.32 3.10 4.14 5.10 6.1 6.12 6.17 REAL 6.12 6.1)
vmsim_corpus(ticker KERNELS 2.6.10 2.6.32 3.10 4.14 5.10 6.1 6.12 6.17 REAL 6.12 6.1)
