namespace Grid.Silo.Database;

/// <summary>The database cannot be opened, or not be brought to this program's schema; the message says what to do.</summary>
public sealed class DatabaseException(string message, Exception? inner = null) : Exception(message, inner);
