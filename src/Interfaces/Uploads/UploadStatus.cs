namespace Grid.Interfaces.Uploads;

/// <summary>The states of an upload, as the REST API writes them.</summary>
public static class UploadStatus
{
    public const string Open = "OPEN";
    public const string Checking = "CHECKING";
    public const string Closed = "CLOSED";
    public const string Unstable = "UNSTABLE";
    public const string Modifying = "MODIFYING";
    public const string Deleted = "DELETED";
}

/// <summary>The states of a check execution, as the REST API writes them.</summary>
public static class CheckStatus
{
    public const string Waiting = "WAITING";
    public const string Progress = "PROGRESS";
    public const string Success = "SUCCESS";
    public const string Failure = "FAILURE";

    public static bool IsFinal(string status) => status is Success or Failure;
}
