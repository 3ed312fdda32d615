namespace Grid.Imaging.Gdal;

/// <summary>Whether this machine can read rasters and transform coordinates. Asking loads GDAL once.</summary>
public static class GdalAvailability
{
    /// <summary>Null when GDAL works, else a sentence that says what to install.</summary>
    public static string? Problem => GdalLibrary.Problem;

    public static bool IsAvailable => Problem is null;
}

/// <summary>GDAL is not on this machine, or is too old.</summary>
public sealed class GdalUnavailableException(string message) : Exception(message);
