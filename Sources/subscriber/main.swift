import Commands

Launcher.main()
