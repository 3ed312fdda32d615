namespace Grid.Embedded.Calls;

/// <summary>The result of methods that have none.</summary>
internal readonly struct Nothing
{
    public static async ValueTask<Nothing> After(Task task)
    {
        await task;
        return default;
    }

    public static ValueTask<Nothing> From(Task task) => task.IsCompletedSuccessfully ? default : After(task);

    public static ValueTask<Nothing> From(ValueTask task) => task.IsCompletedSuccessfully ? default : After(task.AsTask());
}
