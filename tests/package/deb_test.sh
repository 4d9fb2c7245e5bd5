# The Debian package holds what an installation has, and its program runs from where it is unpacked.
command -v dpkg-deb >/dev/null && command -v dpkg-shlibdeps >/dev/null || skip "dpkg-dev is not installed"
build=${MUDRA%/mudra/cli/mudra}
expect_exit 0 cpack --config "$build/CPackConfig.cmake" -B .
expect_exit 0 dpkg-deb --contents mudra_*.deb
for file in usr/bin/mudra usr/bin/mudra_board usr/include/mudra/device/engine.hpp usr/share/man/man1/mudra.1 \
            usr/share/bash-completion/completions/mudra usr/share/mudra/device/src/engine.cpp; do
  expect_text out " ./$file"
done
grep -q '/cmake/mudra/mudra-config.cmake' out || fail "there is no package for CMake"
expect_exit 0 dpkg-deb --field mudra_*.deb Depends
expect_text out "libzip4"
expect_text out "libwebp7"
expect_text out "libcpp-httplib0.11"
expect_exit 0 dpkg-deb --extract mudra_*.deb unpacked
expect_exit 0 unpacked/usr/bin/mudra help evaluate
expect_text out "--split"
expect_exit 0 unpacked/usr/bin/mudra_board --help
expect_text out "--model"
