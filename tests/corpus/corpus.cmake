# SPDX-License-Identifier: MIT
# One line for each driver of the corpus; see CMakeLists.txt.
vmsim_corpus(status_page KERNELS 6.17 6.12 6.1 5.10 4.14 3.10 REAL 6.12 6.1)
