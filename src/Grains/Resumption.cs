namespace Grid.Grains;

/// <summary>Work in hand is gone on with by a reminder when its process or silo was lost.</summary>
public static class Resumption
{
    /// <summary>
    /// Due time and period of such reminders. A silo's loss is noticed after seconds, and the reminders of its grains come due elsewhere then;
    /// engines are set to allow this much.
    /// </summary>
    public static readonly TimeSpan After = TimeSpan.FromSeconds(10);
}
