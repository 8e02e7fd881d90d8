# One person of an organisation on Nomad: a tick each quarter of an hour over a volume of their own.
# docs/scaling.md says what is put in place of anna.
job "kith-anna" {
  type = "batch"

  periodic {
    crons = ["*/15 * * * *"]
    # The tick under way goes on; a second one would end with 75.
    prohibit_overlap = true
  }

  group "kith" {
    # The next tick is the retry.
    restart {
      attempts = 0
      mode     = "fail"
    }

    reschedule {
      attempts  = 0
      unlimited = false
    }

    # A local disk, or a CSI volume with one writer: the state needs locks.
    volume "data" {
      type            = "csi"
      source          = "kith-anna"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"
    }

    task "tick" {
      driver = "docker"
      user   = "1000:1000"

      config {
        image           = "registry.example/kith:0.1.0"
        entrypoint      = ["sh", "-c"]
        # What `once` shows has names in it; 69, 75 and 77 are no failures of the job.
        args            = ["kith once >/dev/null; code=$?; case $code in 69|75|77) exit 0;; *) exit $code;; esac"]
        readonly_rootfs = true
        cap_drop        = ["all"]
        security_opt    = ["no-new-privileges"]
      }

      env {
        KITH_CONFIG     = "/data/config.toml"
        STATE_DIRECTORY = "/data/state"
      }

      volume_mount {
        volume      = "data"
        destination = "/data"
      }

      resources {
        cpu        = 100
        memory     = 96
        memory_max = 512
      }
    }
  }
}
