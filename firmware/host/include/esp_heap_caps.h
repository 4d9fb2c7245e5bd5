// Stands in for ESP-IDF's header of this name, with heaps as small as a chip's.
#pragma once

#include <cstddef>
#include <cstdint>

inline constexpr std::uint32_t MALLOC_CAP_8BIT = 1 << 2, MALLOC_CAP_SPIRAM = 1 << 10,
                               MALLOC_CAP_INTERNAL = 1 << 11;

void* heap_caps_aligned_alloc(std::size_t alignment, std::size_t size, std::uint32_t caps);
void heap_caps_free(void* memory);
std::size_t heap_caps_get_total_size(std::uint32_t caps);
std::size_t heap_caps_get_free_size(std::uint32_t caps);
std::size_t heap_caps_get_minimum_free_size(std::uint32_t caps);
std::size_t heap_caps_get_largest_free_block(std::uint32_t caps);
