namespace Grid.Grains.Processings;

/// <summary>The states of processing executions in the Entrepôt's words.</summary>
public static class ExecutionStatus
{
    public const string Created = "CREATED";

    /// <summary>Launched; its build has not begun.</summary>
    public const string Waiting = "WAITING";

    public const string Progress = "PROGRESS";

    public const string Success = "SUCCESS";

    public const string Failure = "FAILURE";

    public const string Aborted = "ABORTED";

    /// <summary>True when an execution in this state is under way.</summary>
    public static bool IsRunning(string status) => status is Waiting or Progress;

    /// <summary>True when an execution in this state will never change again.</summary>
    public static bool IsFinal(string status) => status is Success or Failure or Aborted;
}
