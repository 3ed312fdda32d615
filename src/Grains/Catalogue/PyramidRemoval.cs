using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Grains.Catalogue;

/// <summary>Deletes the objects of pyramid versions in bounded steps, so that a pyramid of millions of slabs never holds up a grain.</summary>
public sealed class PyramidRemoval([FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids)
{
    /// <summary>Objects deleted in one step.</summary>
    public const int Step = 1000;

    /// <summary>Deletes up to <see cref="Step"/> objects below a prefix. Returns true when none is left.</summary>
    public async Task<bool> DeleteSomeAsync(string prefix, CancellationToken cancellation)
    {
        var keys = new List<string>(Step);
        await foreach (var found in pyramids.ListAsync(prefix + "/", cancellation))
        {
            keys.Add(found.Key);
            if (keys.Count == Step)
                break;
        }

        await pyramids.DeleteAsync(keys, cancellation);
        return keys.Count < Step;
    }
}
