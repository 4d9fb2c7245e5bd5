// Stands in for ESP-IDF's header of this name.
#pragma once

const char* esp_get_idf_version();
