namespace Grid.Storage;

/// <summary>A store could not do what was asked of one object: full, unreachable, refused.</summary>
public class StorageException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The store has no space left for the object.</summary>
public sealed class StorageFullException(string message, Exception? inner = null) : StorageException(message, inner);

/// <summary>There is no object of that key.</summary>
public sealed class ObjectNotFoundException(string key) : StorageException($"There is no object \"{key}\".");

/// <summary>The key is not a relative path without <c>.</c>, <c>..</c> and empty segments.</summary>
public sealed class InvalidObjectKeyException(string key)
    : ArgumentException($"\"{key}\" is not an object key: keys are relative paths without empty, \".\" or \"..\" segments.");
