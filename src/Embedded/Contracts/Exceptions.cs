namespace Orleans.Runtime;

/// <summary>Base of the runtime's own exceptions.</summary>
public class OrleansException : Exception
{
    public OrleansException(string message)
        : base(message)
    {
    }

    public OrleansException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The runtime refused to deliver a call.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    public OrleansMessageRejectionException(string message)
        : base(message)
    {
    }

    public OrleansMessageRejectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The host of the grain is stopping or has stopped.</summary>
public class SiloUnavailableException(string message) : OrleansMessageRejectionException(message);

/// <summary>A reminder could not be registered or removed.</summary>
public sealed class ReminderException(string message) : OrleansException(message);
