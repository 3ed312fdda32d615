using Grid.Cli.Producer;

namespace Grid.Cli.Demo;

/// <summary>Prints where a delivered layer is seen.</summary>
public static class Addresses
{
    /// <summary>Address of the map page with a layer in view.</summary>
    public static Uri Map(Uri server, string layerName) => new(server, "map#layers=" + Uri.EscapeDataString(layerName));

    /// <summary>Writes the addresses of COPC files, one a line.</summary>
    public static void Print(TextWriter output, LidarDeliveryResult delivery)
    {
        output.WriteLine($"resource      {delivery.Feed}");
        output.WriteLine($"dalles        {delivery.Index}");
        output.WriteLine($"files (COPC)  {delivery.Files}");
        var rate = delivery.BuildSeconds is > 0 and var seconds
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", built in {seconds:0.0} s, {delivery.Points / seconds / 1e6:0.00} million points delivered a second")
            : "";
        output.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"points        {delivery.Points}{rate}"));
    }

    /// <summary>Writes the addresses, one a line.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="server">Root of the server.</param>
    /// <param name="delivery">What was delivered.</param>
    /// <param name="tile">One of its tiles.</param>
    public static void Print(TextWriter output, Uri server, DeliveryResult delivery, Uri? tile)
    {
        output.WriteLine($"map           {Map(server, delivery.LayerName)}");
        output.WriteLine($"capabilities  {WmtsLayer.CapabilitiesUrl(delivery.Wmts)}");
        if (delivery.Wms is not null)
            output.WriteLine($"maps (WMS)    {delivery.Wms}?SERVICE=WMS&REQUEST=GetCapabilities");
        if (tile is not null)
            output.WriteLine($"tile          {tile}");
    }
}
