/// Throw-away servers, folders and programs, for whoever imports this.
@_exported public import Scratch

/// What a test could not be given.
public typealias TestSupportError = ScratchError
