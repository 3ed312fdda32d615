namespace Grid.Grains.Catalogue;

/// <summary>How long replaced pyramids are kept. Bound from the section <c>Grid:Retention</c>.</summary>
public sealed class PyramidRetention
{
    /// <summary>How often versions that wait for their deletion are looked at again.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Seconds that a version outlives its last publication, 0 to 31,536,000. Longer keeps disks full longer; shorter than the time frontends take to hear of a
    /// publication makes requests fail. Default 300.
    /// </summary>
    public int GraceSeconds { get; set; } = 300;

    internal TimeSpan Grace => TimeSpan.FromSeconds(GraceSeconds);

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, when it is out of its range.</summary>
    public void Validate()
    {
        const int Year = 365 * 24 * 3600;
        if (GraceSeconds is < 0 or > Year)
            throw new ArgumentException($"Grid:Retention:GraceSeconds is {GraceSeconds}: it goes from 0 to {Year}.");
    }
}
