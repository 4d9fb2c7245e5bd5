// A second file, with a label that the first could have as well.
    .text
    .align 4
subtract_1:
    entry a1, 16
1:  addi a2, a2, -1
    bbsi a2, 3, 1b
    retw
