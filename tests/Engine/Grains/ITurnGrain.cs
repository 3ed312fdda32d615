using Orleans;
using Orleans.Concurrency;

namespace Grid.Engine.Tests.Grains;

[Alias("grid.test.turn")]
public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Adds without any guard, with awaits in between; the sum is right only if turns never overlap.</summary>
    [Alias("Add")]
    Task AddAsync(int number);

    [Alias("Sum")]
    Task<int> SumAsync();

    /// <summary>True if code after an await runs where it ran before.</summary>
    [Alias("ComesBack")]
    Task<bool> ComesBackAsync();

    [Alias("Wait")]
    Task WaitAsync(string gate);

    [Alias("WaitReading"), ReadOnly]
    Task WaitReadingAsync(string gate);

    [Alias("Peek"), AlwaysInterleave]
    Task<string> PeekAsync();

    [Alias("PeekFast"), AlwaysInterleave]
    ValueTask<int> PeekFastAsync(int number);

    [Alias("Read"), ReadOnly]
    ValueTask<string> ReadAsync();

    [Alias("Fail")]
    Task FailAsync(string text);

    [Alias("FailFast"), AlwaysInterleave]
    ValueTask FailFastAsync(string text);

    [Alias("WaitForToken")]
    Task WaitForTokenAsync(string name, CancellationToken cancellationToken);

    [Alias("Whisper"), OneWay]
    Task WhisperAsync(string gate);

    [Alias("Context")]
    Task<string?> ContextAsync(string key);

    [Alias("CallBack")]
    Task<string> CallBackAsync(ITurnGrain other);

    [Alias("CallThrough")]
    Task<string> CallThroughAsync(string other);

    [Alias("End")]
    Task EndAsync();

    [Alias("Key")]
    Task<string> KeyAsync();
}

/// <summary>Fails with what it was given, so that a test sees it arrive unchanged.</summary>
[GenerateSerializer, Alias("grid.test.exception")]
public sealed class TestException : Exception
{
    public TestException(string message, int number)
        : base(message) => Number = number;

    [Id(0)]
    public int Number { get; set; }
}
