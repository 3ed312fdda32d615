namespace Grid.Grains;

/// <summary>Name of the storage provider that keeps grain states.</summary>
public static class GrainStorage
{
    public const string Name = "grid";
}
