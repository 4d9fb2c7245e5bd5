// What tests/s3/embedded.S includes.
#define TWICE(n) addi a2, a2, n; addi a2, a2, n
