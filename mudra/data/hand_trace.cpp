// This file is compiled once per instruction set; see Highway's foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mudra/data/hand_trace.cpp"
#include "mudra/data/hand_trace.hpp"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

#ifndef MUDRA_DATA_HAND_TRACE_PREPARED
#define MUDRA_DATA_HAND_TRACE_PREPARED

namespace mudra::data {
namespace {

constexpr int kSamples = 2;  // per pixel, in both directions
constexpr int kFine = kImageSide * kSamples;
constexpr float kFar = 1e9f;

// Where an object can appear: samples [left, right) of rows [top, bottom).
struct Window {
  int left = 0, right = kFine, top = 0, bottom = kFine;
};

// A cone with what its intersections with rays from the origin share. The closed form is Inigo Quilez's
// (https://iquilezles.org/articles/intersectors, rounded cone); the names follow it.
struct PreparedCone {
  Window window;
  Vec a, b, ba;
  float radius_a = 0, taper = 0;  // radius_a - radius_b
  float albedo = 1;
  float m1 = 0, d2 = 0, k0 = 0, k1_ray = 0;
  float inside_a = 0, inside_b = 0;  // radius^2 - distance^2 of the two spheres
};

// A triangle of stretched skin that faces the camera.
struct PreparedFacet {
  Window window;
  std::array<Vec, 3> edge;  // a ray within the triangle has no negative product with any
  Vec normal;
  float offset = 0;  // of the plane
};

struct PreparedScene {
  std::vector<PreparedCone> cones;
  std::vector<PreparedFacet> facets;
};

// Collects projected corners; anything that comes close to the lens may appear anywhere.
class WindowFinder {
 public:
  explicit WindowFinder(const Camera& camera) : camera_(camera) {}

  void cover(Vec point) {
    if (point.z < kClose) close_ = true;
    const PicturePoint at = camera_.project(point);
    left_ = std::min(left_, at.x), right_ = std::max(right_, at.x);
    top_ = std::min(top_, at.y), bottom_ = std::max(bottom_, at.y);
  }

  void cover_sphere(Vec centre, float radius) {
    for (const float dx : {-radius, radius})
      for (const float dy : {-radius, radius})
        for (const float dz : {-radius, radius}) cover(centre + Vec{dx, dy, dz});
  }

  Window window() const {
    if (close_) return {};
    // The lens bends long straight edges a little.
    const float margin = 1.0f + 0.06f * std::max(right_ - left_, bottom_ - top_);
    const auto sample = [](float at) {
      return static_cast<int>(std::clamp(at * kSamples, 0.0f, static_cast<float>(kFine)));
    };
    return {sample(left_ - margin), sample(right_ + margin), sample(top_ - margin), sample(bottom_ + margin)};
  }

 private:
  static constexpr float kClose = 8;  // mm
  const Camera& camera_;
  float left_ = kFar, right_ = -kFar, top_ = kFar, bottom_ = -kFar;
  bool close_ = false;
};

PreparedCone prepare(const Cone& cone, const Camera& camera) {
  WindowFinder finder(camera);
  finder.cover_sphere(cone.a, cone.radius_a);
  finder.cover_sphere(cone.b, cone.radius_b);
  PreparedCone p{.window = finder.window(), .a = cone.a, .b = cone.b, .ba = cone.b - cone.a};
  p.radius_a = cone.radius_a, p.taper = cone.radius_a - cone.radius_b, p.albedo = cone.albedo;
  const float m0 = dot(p.ba, p.ba), m5 = dot(p.a, p.a);
  p.m1 = -dot(p.ba, p.a);
  p.d2 = m0 - p.taper * p.taper;
  p.k0 = p.d2 * m5 - p.m1 * p.m1 + p.m1 * p.taper * p.radius_a * 2.0f - m0 * p.radius_a * p.radius_a;
  p.k1_ray = p.taper * p.radius_a - p.m1;
  p.inside_a = cone.radius_a * cone.radius_a - m5;
  p.inside_b = cone.radius_b * cone.radius_b - dot(p.b, p.b);
  return p;
}

// The web's plane on the camera's side. None where no plane touches all three spheres or it faces away.
std::optional<PreparedFacet> prepare(const Web& web, const Camera& camera) {
  const Vec u = web.centre[1] - web.centre[0], v = web.centre[2] - web.centre[0];
  Vec across = cross(u, v);
  const float uu = dot(u, u), uv = dot(u, v), vv = dot(v, v), area = uu * vv - uv * uv;
  if (!(area > 1e-3f * uu * vv)) return std::nullopt;
  if (dot(across, web.centre[0]) > 0) across = -across;
  // The unit normal n has n.u = r0 - r1 and n.v = r0 - r2.
  const float nu = web.radius[0] - web.radius[1], nv = web.radius[0] - web.radius[2];
  const Vec tilt = u * ((nu * vv - nv * uv) / area) + v * ((nv * uu - nu * uv) / area);
  const float rest = 1.0f - dot(tilt, tilt);
  if (rest <= 0) return std::nullopt;
  PreparedFacet facet;
  facet.normal = tilt + across * std::sqrt(rest / area);
  std::array<Vec, 3> corner;
  WindowFinder finder(camera);
  for (std::size_t i = 0; i < 3; ++i) {
    corner[i] = web.centre[i] + facet.normal * web.radius[i];
    finder.cover(corner[i]);
  }
  facet.offset = dot(facet.normal, corner[0]);
  if (facet.offset >= 0) return std::nullopt;
  if (dot(cross(corner[0], corner[1]), corner[2]) < 0) std::swap(corner[1], corner[2]);
  for (std::size_t i = 0; i < 3; ++i) facet.edge[i] = cross(corner[i], corner[(i + 1) % 3]);
  facet.window = finder.window();
  return facet;
}

// What the lamp sees: how far from it the nearest surface is, in a picture of its own. It stands so far away
// that its light is nearly parallel.
struct ShadowMap {
  static constexpr float kDistance = 900,
                         kReach = 190;  // mm; what lies within reach of the hand's middle is seen
  static constexpr float kMargin = 5;   // mm that a surface may lie behind what hides it

  Vec lamp, right, up, away;  // its place and axes
  Camera lens{.focal_x = 0.5f * kImageSide * kDistance / kReach,
              .focal_y = 0.5f * kImageSide * kDistance / kReach,
              .centre_x = 0.5f * kImageSide,
              .centre_y = 0.5f * kImageSide,
              .bend = 0};
  std::vector<float> distance = std::vector<float>(kFine * kFine, kFar);  // [kFine, kFine]

  ShadowMap(Vec key, Vec middle)
      : lamp(middle + key * kDistance),
        right(unit_across(std::abs(key.x) < 0.9f ? Vec{1, 0, 0} : Vec{0, 1, 0}, key)),
        up(cross(right, key)),
        away(-key) {}

  Vec seen(Vec point) const {
    const Vec from = point - lamp;
    return {dot(from, right), dot(from, up), dot(from, away)};
  }
};

// One row of samples while it is traced.
struct Row {
  alignas(64) float ray_x[kFine], ray_y[kFine], ray_z[kFine];           // unit directions
  alignas(64) float distance[kFine];                                    // along the ray; kFar: nothing hit
  alignas(64) float normal_x[kFine], normal_y[kFine], normal_z[kFine];  // unit, outwards
  alignas(64) float albedo[kFine];
  alignas(64) float level[kFine], covered[kFine];
};

}  // namespace
}  // namespace mudra::data
#endif  // MUDRA_DATA_HAND_TRACE_PREPARED

HWY_BEFORE_NAMESPACE();
namespace mudra::data {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Only operations with one exact rounding are used, never a fused multiply-add, so that every instruction set
// gives the same bits. At most 16 lanes: kFine is a multiple of that.
using Lanes = hn::CappedTag<float, 16>;
using Floats = hn::Vec<Lanes>;
using Mask = hn::Mask<Lanes>;

HWY_INLINE Floats all(float value) { return hn::Set(Lanes(), value); }

// Lane-wise vectors in space.
struct Vecs {
  Floats x, y, z;
};

HWY_INLINE Floats dot(const Vecs& a, Vec b) {
  return hn::Add(hn::Add(hn::Mul(a.x, all(b.x)), hn::Mul(a.y, all(b.y))), hn::Mul(a.z, all(b.z)));
}

HWY_INLINE Floats dot(const Vecs& a, const Vecs& b) {
  return hn::Add(hn::Add(hn::Mul(a.x, b.x), hn::Mul(a.y, b.y)), hn::Mul(a.z, b.z));
}

// Within 1e-6 of log2(x) for x > 0 and not denormal: 2 artanh((m-1)/(m+1)) / ln 2 of the mantissa m near 1.
HWY_INLINE Floats log_of_two(Floats x) {
  const Lanes d;
  const hn::RebindToSigned<Lanes> di;
  constexpr std::int32_t kSquareRootOfHalf = 0x3F3504F3;
  const auto bits = hn::Sub(hn::BitCast(di, x), hn::Set(di, kSquareRootOfHalf));
  const auto exponent = hn::ShiftRight<23>(bits);
  const Floats mantissa =
      hn::BitCast(d, hn::Add(hn::And(bits, hn::Set(di, 0x007FFFFF)), hn::Set(di, kSquareRootOfHalf)));
  const Floats t = hn::Div(hn::Sub(mantissa, all(1)), hn::Add(mantissa, all(1))), q = hn::Mul(t, t);
  constexpr float kScale = 2.88539008f;  // 2 / ln 2
  Floats series = all(kScale / 9);
  for (const float odd : {7.0f, 5.0f, 3.0f, 1.0f}) series = hn::Add(hn::Mul(series, q), all(kScale / odd));
  return hn::Add(hn::ConvertTo(d, exponent), hn::Mul(t, series));
}

// 2^x for x in [-126, 126], clamped to it; relative error below 3e-7.
HWY_INLINE Floats power_of_two(Floats x) {
  const Lanes d;
  const hn::RebindToSigned<Lanes> di;
  x = hn::Min(hn::Max(x, all(-126)), all(126));
  const Floats whole = hn::Floor(hn::Add(x, all(0.5f))), part = hn::Sub(x, whole);
  Floats series = all(kPowerOfTwoSeries[6]);
  for (int k = 5; k >= 0; --k) series = hn::Add(hn::Mul(series, part), all(kPowerOfTwoSeries[k]));
  const auto exponent = hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(di, whole), hn::Set(di, 127)));
  return hn::Mul(series, hn::BitCast(d, exponent));
}

void aim_rays(Row& row, int y, int left, int right, const Camera& camera) {
  const Lanes d;
  const float v = (camera.centre_y - (static_cast<float>(y) + 0.5f) / kSamples) / camera.focal_y;
  const float step = 1.0f / (kSamples * camera.focal_x);
  const float first = (0.5f / kSamples - camera.centre_x) / camera.focal_x;
  constexpr float kRim = 0.02f;  // beyond the lens's circle the picture repeats its rim
  for (int x = left; x < right; x += static_cast<int>(hn::Lanes(d))) {
    const Floats u = hn::Add(hn::Mul(hn::Iota(d, static_cast<float>(x)), all(step)), all(first));
    const Floats r2 = hn::Add(hn::Mul(u, u), all(v * v));
    const Floats w2 = hn::Max(hn::Sub(all(1), hn::Mul(r2, all(camera.bend))), all(kRim));
    const Floats scale = hn::Div(all(1), hn::Sqrt(hn::Add(r2, w2)));
    hn::Store(hn::Mul(u, scale), d, row.ray_x + x);
    hn::Store(hn::Mul(all(v), scale), d, row.ray_y + x);
    hn::Store(hn::Mul(hn::Sqrt(w2), scale), d, row.ray_z + x);
    hn::Store(all(kFar), d, row.distance + x);
  }
}

HWY_INLINE Vecs load_rays(const Row& row, int x) {
  const Lanes d;
  return {hn::Load(d, row.ray_x + x), hn::Load(d, row.ray_y + x), hn::Load(d, row.ray_z + x)};
}

HWY_INLINE Mask within(const Window& window, int x) {
  const Floats column = hn::Iota(Lanes(), static_cast<float>(x));
  return hn::And(hn::Ge(column, all(static_cast<float>(window.left))),
                 hn::Lt(column, all(static_cast<float>(window.right))));
}

HWY_INLINE void store_hits(Row& row, int x, Mask hit, Floats distance, const Vecs& normal, float albedo) {
  const Lanes d;
  hn::BlendedStore(distance, hit, d, row.distance + x);
  hn::BlendedStore(normal.x, hit, d, row.normal_x + x);
  hn::BlendedStore(normal.y, hit, d, row.normal_y + x);
  hn::BlendedStore(normal.z, hit, d, row.normal_z + x);
  hn::BlendedStore(all(albedo), hit, d, row.albedo + x);
}

void trace_cone(Row& row, const PreparedCone& cone) {
  const Lanes d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const bool has_side = cone.d2 > 0;
  for (int x = cone.window.left / lanes * lanes; x < cone.window.right; x += lanes) {
    const Vecs ray = load_rays(row, x);
    // Quilez's m3 and m6 are the negatives of these.
    const Floats m2 = dot(ray, cone.ba), m3 = dot(ray, cone.a), m6 = dot(ray, cone.b);
    const Floats k2 = hn::Sub(all(cone.d2), hn::Mul(m2, m2));
    const Floats k1 = hn::Sub(hn::Mul(m2, all(cone.k1_ray)), hn::Mul(m3, all(cone.d2)));
    const Floats side = hn::Sub(hn::Mul(k1, k1), hn::Mul(k2, all(cone.k0)));
    const Floats ball_a = hn::Add(hn::Mul(m3, m3), all(cone.inside_a));
    const Floats ball_b = hn::Add(hn::Mul(m6, m6), all(cone.inside_b));
    const Floats zero = hn::Zero(d);
    const Mask may_hit = hn::And(within(cone.window, x),
                                 hn::Ge(hn::Max(hn::Max(ball_a, ball_b), has_side ? side : ball_a), zero));
    if (hn::AllFalse(d, may_hit)) continue;

    // The nearest of the two balls, then the side between them; `along` is where on the axis its ball sits.
    Floats distance = all(kFar), along = zero;
    const Floats to_a = hn::Sub(m3, hn::Sqrt(hn::Max(ball_a, zero)));
    const Mask on_a = hn::And(hn::Gt(ball_a, zero), hn::Gt(to_a, zero));
    distance = hn::IfThenElse(on_a, to_a, distance);
    const Floats to_b = hn::Sub(m6, hn::Sqrt(hn::Max(ball_b, zero)));
    const Mask on_b = hn::And(hn::And(hn::Gt(ball_b, zero), hn::Gt(to_b, zero)), hn::Lt(to_b, distance));
    distance = hn::IfThenElse(on_b, to_b, distance);
    along = hn::IfThenElse(on_b, all(1), along);
    if (has_side) {
      const Floats to_side = hn::Div(hn::Sub(hn::Neg(hn::Sqrt(hn::Max(side, zero))), k1), k2);
      const Floats place = hn::Mul(hn::Add(hn::Mul(to_side, m2), all(cone.m1 - cone.radius_a * cone.taper)),
                                   all(1.0f / cone.d2));
      const Mask between = hn::And(hn::Gt(place, zero), hn::Lt(place, all(1)));
      const Mask on_side = hn::And(hn::And(hn::Ge(side, zero), hn::Gt(to_side, zero)), between);
      distance = hn::IfThenElse(on_side, to_side, distance);
      along = hn::IfThenElse(on_side, place, along);
    }
    const Mask hit = hn::And(may_hit, hn::Lt(distance, hn::Load(d, row.distance + x)));
    if (hn::AllFalse(d, hit)) continue;

    const Floats to_surface = hn::Div(all(1), hn::Sub(all(cone.radius_a), hn::Mul(along, all(cone.taper))));
    const auto normal = [&](Floats ray_axis, float a, float ba) {
      const Floats centre = hn::Add(hn::Mul(along, all(ba)), all(a));
      return hn::Mul(hn::Sub(hn::Mul(ray_axis, distance), centre), to_surface);
    };
    store_hits(row, x, hit, distance,
               {normal(ray.x, cone.a.x, cone.ba.x), normal(ray.y, cone.a.y, cone.ba.y),
                normal(ray.z, cone.a.z, cone.ba.z)},
               cone.albedo);
  }
}

void trace_facet(Row& row, const PreparedFacet& facet) {
  const Lanes d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (int x = facet.window.left / lanes * lanes; x < facet.window.right; x += lanes) {
    const Vecs ray = load_rays(row, x);
    const Floats least =
        hn::Min(hn::Min(dot(ray, facet.edge[0]), dot(ray, facet.edge[1])), dot(ray, facet.edge[2]));
    const Mask inside = hn::And(within(facet.window, x), hn::Ge(least, hn::Zero(d)));
    if (hn::AllFalse(d, inside)) continue;
    const Floats distance = hn::Div(all(facet.offset), dot(ray, facet.normal));
    const Mask hit = hn::And(hn::And(inside, hn::Gt(distance, hn::Zero(d))),
                             hn::Lt(distance, hn::Load(d, row.distance + x)));
    store_hits(row, x, hit, distance, {all(facet.normal.x), all(facet.normal.y), all(facet.normal.z)}, 1.0f);
  }
}

// The surface that each sample has hit.
struct Surface {
  Vecs ray, normal;
  Floats distance, albedo;
};

constexpr float kDarkest = 1e-6f;

// Of a cosine: 0 where it is -wrap or less, 1 where it is 1.
HWY_INLINE Floats wrapped(Floats cosine, float wrap) {
  return hn::Max(hn::Mul(hn::Add(cosine, all(wrap)), all(1.0f / (1.0f + wrap))), all(kDarkest));
}

// Gray levels. Powers of cosine and distance are added as logarithms.
HWY_INLINE Floats lit(const Flash& flash, const ShadowMap*, const Surface& surface) {
  const Vecs& ray = surface.ray;
  const Vecs to_lamp{hn::Sub(all(flash.lamp.x), hn::Mul(ray.x, surface.distance)),
                     hn::Sub(all(flash.lamp.y), hn::Mul(ray.y, surface.distance)),
                     hn::Sub(all(flash.lamp.z), hn::Mul(ray.z, surface.distance))};
  const float full = flash.full_distance * flash.full_distance;
  const Floats squared = dot(to_lamp, to_lamp);
  const Floats farther = log_of_two(hn::Mul(squared, all(1.0f / full)));
  const Floats cosine = hn::Div(dot(surface.normal, to_lamp), hn::Sqrt(squared));
  const Floats facing = log_of_two(wrapped(cosine, flash.wrap));
  const Floats axis = log_of_two(ray.z);
  const Floats power = hn::Add(
      hn::Sub(hn::Mul(facing, all(flash.facing_power)), hn::Mul(farther, all(0.5f * flash.falloff_power))),
      hn::Mul(axis, all(flash.vignette_power)));
  return hn::Mul(hn::Mul(surface.albedo, all(flash.gain)), power_of_two(power));
}

// 0 where something nearer to the lamp hides the surface from it, else 1.
HWY_INLINE Floats lamp_seen(const ShadowMap& map, const Surface& surface) {
  const Lanes d;
  const hn::RebindToSigned<Lanes> di;
  const Vecs from{hn::Sub(hn::Mul(surface.ray.x, surface.distance), all(map.lamp.x)),
                  hn::Sub(hn::Mul(surface.ray.y, surface.distance), all(map.lamp.y)),
                  hn::Sub(hn::Mul(surface.ray.z, surface.distance), all(map.lamp.z))};
  const Floats depth = hn::Max(dot(from, map.away), all(Camera::kNearest));
  const auto sample = [&](Floats side, float focal, float centre) {
    const Floats at = hn::Add(hn::Mul(hn::Div(side, depth), all(focal * kSamples)), all(centre * kSamples));
    return hn::ConvertTo(di, hn::Min(hn::Max(at, hn::Zero(d)), all(kFine - 1)));
  };
  const auto x = sample(dot(from, map.right), map.lens.focal_x, map.lens.centre_x);
  const auto y = sample(dot(from, map.up), -map.lens.focal_y, map.lens.centre_y);
  const auto place = hn::Add(hn::Mul(y, hn::Set(di, kFine)), x);
  const Floats nearest = hn::GatherIndex(d, map.distance.data(), place);
  const Floats distance = hn::Sqrt(dot(from, from));
  return hn::IfThenElseZero(hn::Le(distance, hn::Add(nearest, all(ShadowMap::kMargin))), all(1));
}

HWY_INLINE Floats lit(const Daylight& light, const ShadowMap* map, const Surface& surface) {
  const Vecs& normal = surface.normal;
  const Floats lamp =
      map == nullptr ? all(1)
                     : hn::Add(all(1 - light.shadow), hn::Mul(all(light.shadow), lamp_seen(*map, surface)));
  const Floats key = hn::Mul(lamp, wrapped(dot(normal, light.key), light.wrap));
  const Floats facing = hn::Max(hn::Neg(dot(normal, surface.ray)), hn::Zero(Lanes()));
  const Floats open = hn::Add(all(1 - light.edge), hn::Mul(all(light.edge), facing));
  const Floats sky =
      hn::Add(all(1 - 0.5f * light.sky_share), hn::Mul(all(0.5f * light.sky_share), dot(normal, light.sky)));
  const Floats light_received =
      hn::Add(hn::Mul(key, all(light.key_share)), hn::Mul(hn::Mul(open, sky), all(1 - light.key_share)));
  const Floats level =
      power_of_two(hn::Mul(log_of_two(hn::Max(light_received, all(kDarkest))), all(light.contrast)));
  // Blinn's highlight.
  const Vecs half{hn::Sub(all(light.key.x), surface.ray.x), hn::Sub(all(light.key.y), surface.ray.y),
                  hn::Sub(all(light.key.z), surface.ray.z)};
  const Floats straight = hn::Div(dot(normal, half), hn::Sqrt(hn::Max(dot(half, half), all(kDarkest))));
  const Floats gloss =
      power_of_two(hn::Mul(log_of_two(hn::Max(straight, all(kDarkest))), all(light.gloss_power)));
  return hn::Add(hn::Mul(hn::Mul(surface.albedo, all(light.skin)), level),
                 hn::Mul(hn::Mul(gloss, lamp), all(light.gloss)));
}

HWY_INLINE Floats on_film(const Film& film, Floats level) {
  const float room = film.top - film.knee;
  const Floats above = hn::Mul(hn::Sub(all(film.knee), level), all(1.4426950409f / room));
  const Floats pressed = hn::Sub(all(film.top), hn::Mul(all(room), power_of_two(above)));
  return hn::IfThenElse(hn::Lt(level, all(film.knee)), level, pressed);
}

template <class Lamp>
void light_row(Row& row, int left, int right, const Lamp& lamp, const ShadowMap* map) {
  const Lanes d;
  const Floats zero = hn::Zero(d);
  for (int x = left; x < right; x += static_cast<int>(hn::Lanes(d))) {
    const Floats distance = hn::Load(d, row.distance + x);
    const Mask hit = hn::Lt(distance, all(kFar));
    if (hn::AllFalse(d, hit)) {
      hn::Store(zero, d, row.level + x);
      hn::Store(zero, d, row.covered + x);
      continue;
    }
    const Surface surface{
        load_rays(row, x),
        {hn::Load(d, row.normal_x + x), hn::Load(d, row.normal_y + x), hn::Load(d, row.normal_z + x)},
        hn::IfThenElseZero(hit, distance),
        hn::Load(d, row.albedo + x)};
    hn::Store(hn::IfThenElseZero(hit, on_film(lamp.film, lit(lamp, map, surface))), d, row.level + x);
    hn::Store(hn::IfThenElseZero(hit, all(1)), d, row.covered + x);
  }
}

// Calls row_done(row, y, left, right) for every row of samples in which something may be hit, once what is
// hit in its samples [left, right) is known.
template <class RowDone>
void trace_rows(const PreparedScene& scene, const Camera& camera, const RowDone& row_done) {
  const int lanes = static_cast<int>(hn::Lanes(Lanes()));
  Row row{};
  for (int y = 0; y < kFine; ++y) {
    const auto crosses = [y](const Window& window) { return window.top <= y && y < window.bottom; };
    int left = kFine, right = 0;
    const auto widen = [&](const Window& window) {
      if (!crosses(window)) return;
      left = std::min(left, window.left), right = std::max(right, window.right);
    };
    for (const PreparedCone& cone : scene.cones) widen(cone.window);
    for (const PreparedFacet& facet : scene.facets) widen(facet.window);
    if (left >= right) continue;
    left = left / lanes * lanes, right = (right + lanes - 1) / lanes * lanes;
    aim_rays(row, y, left, right, camera);
    for (const PreparedCone& cone : scene.cones)
      if (crosses(cone.window)) trace_cone(row, cone);
    for (const PreparedFacet& facet : scene.facets)
      if (crosses(facet.window)) trace_facet(row, facet);
    row_done(row, y, left, right);
  }
}

void trace_light(const PreparedScene& scene, const Camera& camera, const Light& light, const ShadowMap* map,
                 Exposure& exposure) {
  exposure.level.fill(0), exposure.coverage.fill(0);
  trace_rows(scene, camera, [&](Row& row, int y, int left, int right) {
    if (const auto* flash = std::get_if<Flash>(&light))
      light_row(row, left, right, *flash, map);
    else
      light_row(row, left, right, std::get<Daylight>(light), map);
    constexpr float kShare = 1.0f / (kSamples * kSamples);
    const std::size_t out = static_cast<std::size_t>(y / kSamples) * kImageSide;
    for (int x = left; x < right; ++x) {
      const std::size_t pixel = out + static_cast<std::size_t>(x / kSamples);
      exposure.level[pixel] += kShare * row.level[x];
      exposure.coverage[pixel] += kShare * row.covered[x];
    }
  });
}

void trace_shadows(const PreparedScene& scene, ShadowMap& map) {
  trace_rows(scene, map.lens, [&](const Row& row, int y, int left, int right) {
    std::copy(row.distance + left, row.distance + right, map.distance.begin() + y * kFine + left);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::data
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mudra::data {

namespace {

template <class Place>
PreparedScene prepare(const Scene& scene, const Camera& camera, const Place& place) {
  PreparedScene prepared;
  prepared.cones.reserve(scene.cones.size());
  for (Cone cone : scene.cones) {
    cone.a = place(cone.a), cone.b = place(cone.b);
    prepared.cones.push_back(prepare(cone, camera));
  }
  for (Web web : scene.webs) {
    for (Vec& centre : web.centre) centre = place(centre);
    if (const auto facet = prepare(web, camera)) prepared.facets.push_back(*facet);
  }
  return prepared;
}

}  // namespace

HWY_EXPORT(trace_light);
HWY_EXPORT(trace_shadows);

void trace(const Scene& scene, const Camera& camera, const Light& light, Exposure& exposure) {
  std::optional<ShadowMap> map;
  const auto* daylight = std::get_if<Daylight>(&light);
  if (daylight != nullptr && daylight->shadow > 0) {
    map.emplace(daylight->key, scene.middle);
    const auto by_lamp = prepare(scene, map->lens, [&](Vec point) { return map->seen(point); });
    HWY_DYNAMIC_DISPATCH(trace_shadows)(by_lamp, *map);
  }
  const auto by_camera = prepare(scene, camera, [](Vec point) { return point; });
  HWY_DYNAMIC_DISPATCH(trace_light)(by_camera, camera, light, map ? &*map : nullptr, exposure);
}

}  // namespace mudra::data
#endif  // HWY_ONCE
