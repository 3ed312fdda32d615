namespace Grid.Grains.Catalogue;

/// <summary>How long replaced pyramids are kept.</summary>
public sealed class PyramidRetention
{
    /// <summary>How often versions that wait for their deletion are looked at again.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a version outlives its last publication. Longer keeps disks full longer; shorter than the time frontends take to hear of a
    /// publication makes requests fail. Default: five minutes.
    /// </summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromMinutes(5);
}
