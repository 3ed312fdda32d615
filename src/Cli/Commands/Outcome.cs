using Grid.Cli.Api;

namespace Grid.Cli.Commands;

/// <summary>How a command ends: its exit code, and the sentence on standard error when it failed.</summary>
public static class Outcome
{
    /// <summary>The delivery, build, publication or verification failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The server cannot be reached or does not start.</summary>
    public const int Unreachable = 3;

    /// <summary>The server refuses the account.</summary>
    public const int Refused = 4;

    /// <summary>Interrupted by the user (128 + SIGINT, as shells have it).</summary>
    public const int Interrupted = 130;

    /// <summary>Runs the work and turns what it throws into an exit code.</summary>
    public static async Task<int> OfAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (OperationCanceledException)
        {
            return Fail(Interrupted, "interrupted; the same command goes on from here");
        }
        catch (EntrepotException error) when (error.Status is System.Net.HttpStatusCode.Unauthorized or System.Net.HttpStatusCode.Forbidden)
        {
            return Fail(Refused, error.Message);
        }
        catch (Exception error) when (error is DeliveryException or EntrepotException)
        {
            return Fail(Failed, error.Message);
        }
        catch (HttpRequestException error)
        {
            return Fail(Unreachable, $"the server cannot be reached: {error.Message}");
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException)
        {
            return Fail(Usage, error.Message);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A stack tells a producer nothing; what failed is in the sentence.
            return Fail(Failed, error.Message);
        }
    }

    private static int Fail(int code, string message)
    {
        Console.Error.WriteLine("error: " + message);
        return code;
    }
}
