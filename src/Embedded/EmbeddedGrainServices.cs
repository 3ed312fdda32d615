using System.Reflection;
using Grid.Embedded.Reminders;
using Grid.Embedded.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans;

namespace Grid.Embedded;

/// <summary>Adds the embedded engine to a host.</summary>
public static class EmbeddedGrainServices
{
    /// <summary>
    /// Grains of the given assemblies can then be called through <see cref="IGrainFactory"/>. The engine starts and stops with the host.
    /// States and reminders are kept in memory unless <see cref="IGrainStateStore"/> and <see cref="IReminderStore"/> are registered; time is
    /// that of the registered <see cref="TimeProvider"/>.
    /// </summary>
    public static IServiceCollection AddEmbeddedGrains(
        this IServiceCollection services, Action<EmbeddedGrainOptions>? configure, params Assembly[] assemblies)
    {
        services.AddLogging();
        services.AddOptions<EmbeddedGrainOptions>().Configure(options => configure?.Invoke(options));
        services.TryAddSingleton<IGrainStateStore, InMemoryGrainStateStore>();
        services.TryAddSingleton<IReminderStore, InMemoryReminderStore>();
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<EmbeddedGrainOptions>>().Value;
            return new EmbeddedGrains(provider, options, new GrainClasses(assemblies, options));
        });
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<EmbeddedGrains>());
        services.AddHostedService(provider => provider.GetRequiredService<EmbeddedGrains>());
        return services;
    }
}
