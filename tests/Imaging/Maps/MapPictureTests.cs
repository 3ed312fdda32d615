using Grid.Imaging.Maps;

namespace Grid.Imaging.Tests.Maps;

/// <summary>Layers on one another and on their background.</summary>
public sealed class MapPictureTests
{
    private static readonly MapBackground White = new(false, 0xFFFFFF);
    private static readonly MapBackground Nothing = new(true, 0xFFFFFF);

    [Fact]
    public void Full_picture_is_passed_through()
    {
        var layer = Pixels(3, [10, 20, 30, 40, 50, 60]);
        Assert.Same(layer, MapPicture.Blend([layer], 2, 1, Nothing, isGrey: false, keepsOpacity: false));
        layer.Dispose();
    }

    [Fact]
    public void Gaps_show_the_background_or_shine_through()
    {
        using var opaque = MapPicture.Blend([Pixels(3, [10, 20, 30, 9, 9, 9], 255, 0)], 2, 1, new MapBackground(false, 0x010203), isGrey: false, keepsOpacity: false);
        Assert.Equal([10, 20, 30, 1, 2, 3], opaque.Pixels.ToArray());
        using var open = MapPicture.Blend([Pixels(3, [10, 20, 30, 9, 9, 9], 255, 0)], 2, 1, Nothing, isGrey: false, keepsOpacity: false);
        Assert.Equal([10, 20, 30, 255, 0, 0, 0, 0], open.Pixels.ToArray());
        using var grey = MapPicture.Blend([Pixels(1, [77, 9], 255, 0)], 2, 1, Nothing, isGrey: true, keepsOpacity: false);
        Assert.Equal([77, 255, 0, 0], grey.Pixels.ToArray());
    }

    [Fact]
    public void Layers_are_blended_by_their_opacity_as_Porter_and_Duff_have_it()
    {
        // Half-opaque red over blue; then over nothing; then over a half-opaque green.
        using var overBlue = MapPicture.Blend([Pixels(3, [0, 0, 255]), Pixels(4, [255, 0, 0, 128])], 1, 1, White, isGrey: false, keepsOpacity: false);
        Assert.Equal([128, 0, 127], overBlue.Pixels.ToArray());
        using var overNothing = MapPicture.Blend([Pixels(4, [255, 0, 0, 128])], 1, 1, Nothing, isGrey: false, keepsOpacity: false);
        Assert.Equal([255, 0, 0, 128], overNothing.Pixels.ToArray());
        using var overGreen = MapPicture.Blend([Pixels(4, [0, 255, 0, 128]), Pixels(4, [255, 0, 0, 128])], 1, 1, Nothing, isGrey: false, keepsOpacity: false);
        Assert.Equal([170, 85, 0, 192], overGreen.Pixels.ToArray());
    }

    [Fact]
    public void Opacity_is_kept_where_channels_must_not_depend_on_the_content()
    {
        using var kept = MapPicture.Blend([Pixels(3, [10, 20, 30])], 1, 1, Nothing, isGrey: false, keepsOpacity: true);
        Assert.Equal([10, 20, 30, 255], kept.Pixels.ToArray());
        using var opaque = MapPicture.Blend([Pixels(1, [10])], 1, 1, White, isGrey: true, keepsOpacity: true);
        Assert.Equal([10], opaque.Pixels.ToArray());
        using var coloured = MapPicture.Blend([Pixels(1, [10, 7], 255, 0)], 2, 1, new MapBackground(false, 0x102030), isGrey: true, keepsOpacity: false);
        Assert.Equal([10, 10, 10, 0x10, 0x20, 0x30], coloured.Pixels.ToArray());
    }

    [Fact]
    public void Map_without_layers_is_its_background()
    {
        using var colour = MapPicture.Blend([], 1, 1, new MapBackground(false, 0x102030), isGrey: false, keepsOpacity: false);
        Assert.Equal([0x10, 0x20, 0x30], colour.Pixels.ToArray());
        using var nothing = MapPicture.Blend([], 1, 1, Nothing, isGrey: false, keepsOpacity: false);
        Assert.Equal(0, nothing.Pixels[^1]);
    }

    [Fact]
    public void Values_cover_those_below_wherever_there_are_any()
    {
        using var covered = MapPicture.Cover([Pixels(1, [1, 2, 3], 255, 255, 0), Pixels(1, [7, 8, 9], 0, 255, 0)]);
        Assert.Equal([1, 8], covered.Pixels[..2].ToArray());
        Assert.Equal([255, 255, 0], covered.Mask.ToArray());
        MapPicture.FillGaps(covered, [42]);
        Assert.Equal([1, 8, 42], covered.Pixels.ToArray());
        Assert.True(covered.IsFull);
    }

    private static Raster Pixels(int channels, byte[] samples, params byte[] mask)
    {
        var raster = Raster.Rent(samples.Length / channels, 1, new PixelFormat(SampleType.UInt8, channels));
        samples.CopyTo(raster.Pixels);
        raster.Mask.Fill(255);
        mask.CopyTo(raster.Mask);
        raster.IsFull = !mask.Contains((byte)0);
        return raster;
    }
}
