# Python uses llama.cpp's library alone: without its "common" tools the build takes half the time.
set(LLAMA_BUILD_COMMON OFF)
