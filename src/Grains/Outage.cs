using Npgsql;
using Orleans.Runtime;
using Orleans.Storage;

namespace Grid.Grains;

/// <summary>Tells failures that pass by themselves, a database or a silo that is away or starting, from those that trying again does not mend.</summary>
public static class Outage
{
    /// <summary>
    /// True when the database or a silo did not answer, or the database refused for want of something that returns: a connection, memory, disk
    /// space, itself.
    /// </summary>
    public static bool Is(Exception failure) => failure switch
    {
        // Class 57: stopped by an operator, crashed, starting (PostgreSQL 15, appendix A). Of one that comes from another silo only the message is left,
        // which begins with the state.
        PostgresException refused => refused.IsTransient || (refused.SqlState ?? refused.Message).StartsWith("57P", StringComparison.Ordinal),
        NpgsqlException or TimeoutException or OrleansMessageRejectionException => true,
        // What a state store met with.
        OrleansException { InnerException: { } inner } and not InconsistentStateException => Is(inner),
        _ => false,
    };
}
