Bellows.start(CommandLine.arguments)
