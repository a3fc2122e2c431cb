{
  "variables": {
    "kernel_sources": [],
    "arch_x86_64_sources": [],
    "arch_generic_sources": [],
    "host_sources": [],
    "watch_sources": [],
    "addon_sources": [
      "native/addon/addon.cc"
    ]
  }
}
