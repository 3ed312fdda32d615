namespace Grid.Grains.Operations;

/// <summary>Bytes that one process keeps to spare reads, as operators see them. Registered as a service, as <see cref="WorkQueue"/> is.</summary>
/// <param name="Name">What is kept, in lower case: the value of the label <c>cache</c>.</param>
/// <param name="LimitBytes">The most it keeps.</param>
/// <param name="Bytes">What it keeps now. Any thread may ask.</param>
public sealed record ByteCache(string Name, long LimitBytes, Func<long> Bytes);
