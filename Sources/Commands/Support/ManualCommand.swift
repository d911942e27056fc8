import ArgumentParser

/// Prints the manual page; `make install` asks for it.
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-man", abstract: "Print the manual page, as roff.", shouldDisplay: false)

    func run() throws {
        let page = try ManPage(toolInfo: PlayheadCommand._dumpHelp(), version: playheadVersion, sections: Self.sections)
        Output().bytes(Array(page.roff.utf8))
    }

    private static let sections: [(title: String, text: String)] = [
        (
            "SESSIONS AND MOMENTS",
            """
            A session is named by its short id or the beginning of it, by last (the newest of this workspace, else of
            all), current, @USER or its title. A moment is always record time:

              +42s, +1:02:03        from the start
              end-10m, -10m         before the end
              14:05, 14:05:30       on the wall clock; also yesterday 15:00, and RFC 3339
              50%, start, end
              mark:NAME

            SESSION@MOMENT names both.
            """
        ),
        (
            "EXIT STATUS",
            """
              0    done
              1    failed
              64   usage
              65   bad data, or a name that fits several things
              66   no such thing
              69   the archive cannot be reached
              73   cannot write
              77   refused
              130  interrupted
            """
        ),
        (
            "ENVIRONMENT",
            """
              PLAYHEAD_HOME     where the archive is; $XDG_DATA_HOME/playhead if not set
              PLAYHEAD_SESSION  set in everything that is recorded
              PLAYHEAD_BROKER   where `share` and `publish` send; nothing is sent because of it
              NO_COLOR          no colours
            """
        ),
        (
            "FILES",
            """
              $XDG_DATA_HOME/playhead/archive.db     what was recorded: the only truth
              $XDG_DATA_HOME/playhead/index.db       made from it; may be deleted
              $XDG_CONFIG_HOME/playhead/config.toml  what is always recorded; broker = "amqps://…"; publish = "always"
                                                     sends every new session to the team's archive
              .playhead.toml                         marks a workspace; publish = "never" keeps its sessions here
            """
        ),
    ]
}
