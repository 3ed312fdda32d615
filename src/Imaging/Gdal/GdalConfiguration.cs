namespace Grid.Imaging.Gdal;

/// <summary>Settings of the process's GDAL that come from outside this project, such as where S3 objects are.</summary>
public static class GdalConfiguration
{
    /// <summary>Sets configuration options by name; to be called at start, before rasters are read.</summary>
    /// <exception cref="GdalUnavailableException">GDAL is not installed.</exception>
    public static void Set(IReadOnlyDictionary<string, string> options)
    {
        GdalLibrary.Require();

        // Objects in a bucket are read through the same file systems as any other address.
        if (options.Count > 0)
            GdalNative.CPLSetConfigOption(GdalLibrary.AllowedAddresses, null);
        foreach (var (name, value) in options)
            GdalNative.CPLSetConfigOption(name, value);
    }
}
