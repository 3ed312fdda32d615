using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Grid.Imaging.Gdal;

/// <summary>
/// The process's one GDAL: found, configured and given only the drivers of <see cref="Drivers"/>. VRT and the like stay unregistered, because a
/// raster of a producer must not make the host read another file or address.
/// </summary>
internal static class GdalLibrary
{
    /// <summary>What producers deliver: GeoTIFF, JPEG 2000, PNG and JPEG with world files, BIL with a header, and ASCII grids.</summary>
    internal static readonly string?[] Drivers = ["GTiff", "JP2OpenJPEG", "PNG", "JPEG", "EHdr", "AAIGrid", null];

    /// <summary>GDAL's own block cache. Decoded blocks are kept by this project's cache, so GDAL's only has to hold the blocks of one read.</summary>
    private const long BlockCacheBytes = 64L << 20;

    /// <summary>GDAL's filter of what its network file systems may open, by the end of the name; an empty list allows nothing.</summary>
    internal const string AllowedAddresses = "CPL_VSIL_CURL_ALLOWED_EXTENSIONS";

    private const string NoAddress = "";
    private static readonly Lazy<string?> Start = new(StartOnce);
    private static int _namesResolved;

    /// <summary>Null when GDAL is ready, else the sentence that says what is missing.</summary>
    internal static string? Problem => Start.Value;

    /// <exception cref="GdalUnavailableException">GDAL is not installed or too old.</exception>
    internal static void Require()
    {
        if (Problem is { } problem)
            throw new GdalUnavailableException(problem);
    }

    /// <summary>Makes the name <c>gdal</c> resolve to a numbered library where the development package, with its plain name, is not installed.</summary>
    internal static void ResolveNames()
    {
        if (Interlocked.Exchange(ref _namesResolved, 1) != 0)
            return;
        var context = AssemblyLoadContext.GetLoadContext(typeof(GdalLibrary).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += (_, name) => name == GdalNative.Library ? Load() : 0;
    }

    private static nint Load()
    {
        // Newest first: 32 is GDAL 3.6 (Debian 12), 36 is GDAL 3.10 (Debian 13).
        for (var version = 45; version >= 30; version--)
        {
            if (NativeLibrary.TryLoad($"libgdal.so.{version}", out var library))
                return library;
        }

        foreach (var name in new[] { "libgdal.dylib", "gdal.dll" })
        {
            if (NativeLibrary.TryLoad(name, out var library))
                return library;
        }

        return 0;
    }

    private static string? StartOnce()
    {
        const string Missing = "GDAL is not installed: install Debian's libgdal32 (or gdal-bin), version 3.4 or later.";
        try
        {
            // Before anything else, so that nothing is ever printed; the messages are read after each call, on the thread that made it.
            var library = NativeLibrary.TryLoad(GdalNative.Library, typeof(GdalLibrary).Assembly, null, out var plain) ? plain : Load();
            if (library == 0)
                return Missing;
            GdalNative.CPLSetErrorHandler(NativeLibrary.GetExport(library, "CPLQuietErrorHandler"));
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return Missing;
        }

        var version = Marshal.PtrToStringUTF8(GdalNative.GDALVersionInfo("VERSION_NUM"));
        if (!int.TryParse(version, out var number) || number < 3040000)
            return $"GDAL {Marshal.PtrToStringUTF8(GdalNative.GDALVersionInfo("RELEASE_NAME"))} is too old: version 3.4 or later is needed.";
        Configure();
        Register();
        return null;
    }

    private static void Configure()
    {
        // Sidecars (world files, .msk) are probed by name; listing a folder of 100,000 dalles at each open is not.
        Set("GDAL_DISABLE_READDIR_ON_OPEN", "TRUE");

        // A producer's .aux.xml can name any file or address as the raster's overviews: what is safe of it, Inspection/PamFile reads.
        Set("GDAL_PAM_ENABLED", "NO");
        Set(AllowedAddresses, NoAddress);
        Set("CPL_DEBUG", "OFF");
        Set("VSI_CACHE", "FALSE");
        Set("GDAL_NUM_THREADS", "1");
        Set("GDAL_ERROR_ON_LIBJPEG_WARNING", "TRUE");
        Set("GTIFF_IGNORE_READ_ERRORS", "NO");
        Set("GDAL_HTTP_CONNECTTIMEOUT", "10");
        Set("GDAL_HTTP_TIMEOUT", "60");
        Set("GDAL_HTTP_MAX_RETRY", "3");
        Set("GDAL_JPEG_TO_RGB", "YES");
        GdalNative.OSRSetPROJEnableNetwork(0);
        GdalNative.GDALSetCacheMax64(BlockCacheBytes);
    }

    private static void Register()
    {
        Action[] registrations =
        [
            GdalNative.GDALRegister_GTiff, GdalNative.GDALRegister_JP2OpenJPEG, GdalNative.GDALRegister_PNG,
            GdalNative.GDALRegister_JPEG, GdalNative.GDALRegister_EHdr, GdalNative.GDALRegister_AAIGrid,
        ];
        foreach (var register in registrations)
        {
            try
            {
                register();
            }
            catch (EntryPointNotFoundException)
            {
                // Some distributions leave JPEG 2000 out; its files are then refused by name when they come.
            }
        }
    }

    private static void Set(string key, string? value) => GdalNative.CPLSetConfigOption(key, value);
}
