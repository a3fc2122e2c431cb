{
  'includes': ['native/sources.gypi'],
  'variables': {
    # Warnings are errors in our own builds only (.ci/run sets CFLAGS and CXXFLAGS to -Werror): a
    # user's compiler may be newer than any we know.
    'warnings': ['-Wall', '-Wextra', '-Wno-unused-parameter'],
    # Code that runs on a task's kernel stack, where the thread pointer may change between entry
    # and return: no stack protector (it reads the thread pointer), no shadow stack.
    'task_flags': [
      '-std=c11', '-O2', '-fPIC', '-fvisibility=hidden',
      '-fno-stack-protector', '-fcf-protection=none',
      '-Wall', '-Wextra', '-Wno-unused-parameter',
    ],
    # Kernel-side code: no libc, and no vector registers to save.
    'kernel_flags': ['-ffreestanding', '-fno-builtin', '-mgeneral-regs-only'],
    'conditions': [
      ['target_arch!="x64"', {'task_flags!': ['-fcf-protection=none']}],
      # outline atomics ask libgcc, by a variable of the C library's
      ['target_arch=="arm64"', {'task_flags': ['-mno-outline-atomics']}],
    ],
  },
  'target_defaults': {
    'cflags!': ['-O3'],
    # quoted includes: "kernel/kernel.h", "syslets/abi.h", and "arch.h" of this processor
    'include_dirs': ['native', 'native/include'],
    'conditions': [
      ['target_arch=="x64"', {'include_dirs': ['native/arch/x86_64']}],
      ['target_arch=="arm64"', {'include_dirs': ['native/arch/aarch64']}],
      ['target_arch!="x64" and target_arch!="arm64"', {'include_dirs': ['native/arch/generic']}],
    ],
  },
  'targets': [
    {
      'target_name': 'syslets_kernel',
      'conditions': [
        ['OS=="linux" and (target_arch=="x64" or target_arch=="arm64")', {
          'type': 'static_library',
          'sources': ['<@(kernel_sources)'],
          'conditions': [
            ['target_arch=="x64"', {'sources': ['<@(arch_x86_64_sources)']},
                                   {'sources': ['<@(arch_aarch64_sources)']}],
          ],
          'cflags_c': ['<@(task_flags)', '<@(kernel_flags)'],
          # the generic architecture, which refuses syslets, is built and tested by CMake
        }, {'type': 'none'}],
      ],
    },
    {
      'target_name': 'syslets_host',
      'conditions': [
        ['OS=="linux" and (target_arch=="x64" or target_arch=="arm64")', {
          'type': 'static_library',
          'sources': ['<@(host_sources)', '<@(watch_sources)'],
          'cflags_c': ['<@(task_flags)', '<@(kernel_flags)'],
        }, {'type': 'none'}],
      ],
    },
    {
      # user code of the C interface: the only part of the core that uses libc
      'target_name': 'syslets_user',
      'conditions': [
        ['OS=="linux" and (target_arch=="x64" or target_arch=="arm64")', {
          'type': 'static_library',
          'sources': ['<@(user_sources)'],
          'defines': ['_GNU_SOURCE'],
          'cflags_c': ['<@(task_flags)'],
        }, {'type': 'none'}],
      ],
    },
    {
      'target_name': 'syslets',
      'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
      'conditions': [
        ['OS=="linux" and (target_arch=="x64" or target_arch=="arm64")', {
          'sources': ['<@(addon_sources)'],
          # the host calls into the kernel and the kernel into nothing: this order links
          'dependencies': ['syslets_user', 'syslets_host', 'syslets_kernel'],
          'defines': [
            '_GNU_SOURCE', 'NAPI_VERSION=9', 'NAPI_DISABLE_CPP_EXCEPTIONS',
            # a worker that is terminated in our code can throw no more: that must not be fatal
            'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
          ],
          'cflags': ['-O2', '-fvisibility=hidden', '<@(warnings)'],
          'cflags_c': ['-std=c11', '-fno-stack-protector'],
          # nodelete: handlers and routed imports outlive a worker that was the first to load it
          'ldflags': ['-Wl,-z,now', '-Wl,-z,noexecstack', '-Wl,-z,nodelete'],
        }, {'type': 'none'}],
      ],
    },
  ],
}
