using Xunit;

namespace Grid.Fixtures;

/// <summary>A fact that needs one of Debian's Python modules: skipped at a desk that lacks it, run (and so failed) where <c>CI</c> is set.</summary>
public sealed class PythonFactAttribute : FactAttribute
{
    /// <param name="module">Name of the module, for example <c>qgis.core</c>.</param>
    /// <param name="package">Debian's package of it.</param>
    public PythonFactAttribute(string module, string package)
    {
        var folder = Path.Combine("/usr/lib/python3/dist-packages", module.Split('.')[0]);
        if (!Directory.Exists(folder) && Environment.GetEnvironmentVariable("CI") is null)
            Skip = $"needs Debian's package {package}";
    }
}
