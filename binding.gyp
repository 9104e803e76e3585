{
  "target_defaults": {
    "cflags": ["-O2", "-Wall", "-Wextra", "-Wno-cast-function-type"],
    "cflags!": ["-rdynamic"]
  },
  "targets": [
    {
      "target_name": "netdouble",
      "sources": [
        "src/attach/native/addon.c",
        "src/attach/native/notify.c",
        "src/attach/native/paths.c",
        "src/attach/native/loop.c",
        "src/attach/native/memory.c",
        "src/attach/native/descriptors.c",
        "src/attach/native/processes.c",
        "src/attach/native/watch.c",
        "src/attach/native/shared_memory.c",
        "src/attach/native/trace.c",
        "src/attach/native/filter.c"
      ]
    },
    {
      "target_name": "netdouble-launch",
      "type": "executable",
      "sources": [
        "src/attach/native/launch.c",
        "src/attach/native/parent.c",
        "src/attach/native/orphan.c",
        "src/attach/native/filter.c"
      ],
      "ldflags!": ["-rdynamic", "-pthread"],
      "ldflags": ["-static"]
    }
  ]
}
